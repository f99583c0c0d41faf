select 'no migration';
