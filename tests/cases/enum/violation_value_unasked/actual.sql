-- Only a warning: nothing that the contract names is missing.
create type status as enum ('pending', 'unattended', 'cancelled');
