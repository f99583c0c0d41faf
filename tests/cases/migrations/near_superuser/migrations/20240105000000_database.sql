alter database some_name set timezone to 'UTC';
