comment on database postgres is 'ours';
