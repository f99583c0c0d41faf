alter publication everything set (publish = 'insert');
