create publication if not exists p;
