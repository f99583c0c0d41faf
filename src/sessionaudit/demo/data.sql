-- Some days of the marketplace, without a row that violates an invariant.
--
-- Run after migrations/, by a superuser or app_owner. Past events have dates of
-- October 2025. Current ones are dated relative to the time of loading, so that
-- no customer has been waiting too long.

-- Accounts -------------------------------------------------------------------

insert into auth.users (id, aud, role, email, created_at) values
  -- customers
  ('f4d90392-118c-4738-ab16-94689f039f2a', 'authenticated', 'authenticated', 'maria.petrov@example.com', '2025-10-12 18:03:10+00'),
  ('a0f0abcd-28be-4def-8789-0ee5df83ee70', 'authenticated', 'authenticated', 'tom.okafor@example.com',   '2025-10-02 09:41:55+00'),
  ('f6ac1315-2e24-44e0-83bf-a5271fa8a073', 'authenticated', 'authenticated', 'lena.fischer@example.com', '2025-10-19 14:20:31+00'),
  ('1ee3b71a-02b8-4af9-9100-5680b39ea151', 'authenticated', 'authenticated', 'sam.rivera@example.com',   '2025-10-21 07:12:44+00'),
  ('62793975-3fcd-478c-84f7-3e1ed9348da8', 'authenticated', 'authenticated', 'grace.kim@example.com',    '2025-10-08 20:30:02+00'),
  ('1d716c91-e62f-4117-96ce-ede6f2758dc1', 'authenticated', 'authenticated', 'ivan.horvat@example.com',  '2025-10-15 11:05:27+00'),
  ('29aa9a1d-8fcf-4b6a-9f89-bd1d4942b0d6', 'authenticated', 'authenticated', 'aisha.bello@example.com',  '2025-10-11 16:48:09+00'),
  ('7e62ae95-e81e-4d81-acb3-f8394b5f7a6f', 'authenticated', 'authenticated', 'noor.haddad@example.com',  '2025-10-22 08:15:00+00'),
  -- mechanics
  ('929b4674-21f0-415c-b72e-93cfac3d86b9', 'authenticated', 'authenticated', 'joe.brandt@example.com',   '2025-09-25 10:00:00+00'),
  ('74d36f51-d1cd-4b20-a259-14a70a44e8ec', 'authenticated', 'authenticated', 'priya.nair@example.com',   '2025-09-26 10:00:00+00'),
  -- the dispatcher, who is not a mechanic
  ('15d68d73-ba0f-47e5-b032-f72d1ceb9d75', 'authenticated', 'authenticated', 'dispatch@example.com',     '2025-09-24 10:00:00+00');

insert into public.profiles (id, full_name, phone, role, email, created_at, updated_at)
select account.id, named.full_name, named.phone, named.role, named.email, account.created_at, account.created_at
from auth.users account
join (values
  ('maria.petrov@example.com', 'Maria Petrov', '+1 555 0101', 'customer', 'maria.petrov@example.com'),
  ('tom.okafor@example.com',   'Tom Okafor',   '+1 555 0102', 'customer', 'tom.okafor@example.com'),
  -- signed up by e-mail link and never filled in the profile
  ('lena.fischer@example.com', null,           null,          'customer', null),
  ('sam.rivera@example.com',   'Sam Rivera',   '+1 555 0104', 'customer', 'sam.rivera@example.com'),
  ('grace.kim@example.com',    'Grace Kim',    null,          'customer', 'grace.kim@example.com'),
  ('ivan.horvat@example.com',  'Ivan Horvat',  '+1 555 0106', 'customer', null),
  ('aisha.bello@example.com',  null,           null,          'customer', null),
  ('noor.haddad@example.com',  'Noor Haddad',  '+1 555 0108', 'customer', 'noor.haddad@example.com'),
  ('joe.brandt@example.com',   'Joe Brandt',   '+1 555 0151', 'mechanic', 'joe.brandt@example.com'),
  ('priya.nair@example.com',   'Priya Nair',   '+1 555 0152', 'mechanic', 'priya.nair@example.com'),
  ('dispatch@example.com',     'Dispatch',     '+1 555 0150', 'admin',    'dispatch@example.com')
) as named (account, full_name, phone, role, email) on named.account = account.email;

insert into public.mechanics (id, created_at, name, email, phone, user_id) values
  ('7d34c004-2074-4d0c-af62-7b7cae469ae0', '2025-09-25 10:05:00+00', 'Joe Brandt',  'joe.brandt@example.com',  '+1 555 0151', '929b4674-21f0-415c-b72e-93cfac3d86b9'),
  ('73ccbc89-28d0-4be4-993c-52a5c6be5b94', '2025-09-26 10:05:00+00', 'Priya Nair',  'priya.nair@example.com',  '+1 555 0152', '74d36f51-d1cd-4b20-a259-14a70a44e8ec'),
  -- uses only the mechanics' own login, so has no account to link to
  ('5dab05d5-0df9-40d6-ba0b-3a7b097fa02b', '2025-09-28 08:30:00+00', 'Carlos Vega', 'carlos.vega@example.com', '+1 555 0153', null);

-- Intakes --------------------------------------------------------------------

insert into public.intakes (id, created_at, plan, name, email, phone, vin, year, make, model, odometer, plate, city, concern, urgent) values
  ('aa031ec2-a916-4b09-8242-da0f43bc4a76', '2025-10-27 00:38:36+00', 'free', 'Maria Petrov', 'maria.petrov@example.com', '+1 555 0101', '1HGCM82633A004352', '2014', 'Honda', 'Accord', '148200', 'KTR 4821', 'Toledo', 'Brake pedal sinks slowly at red lights', false),
  ('a567b396-3585-47dd-a083-1ff1086b0fbb', '2025-10-05 17:20:12+00', 'video15', 'Tom Okafor', 'tom.okafor@example.com', '+1 555 0102', null, '2009', 'Toyota', 'Corolla', '201450', null, 'Akron', 'Rattle from the front left over bumps', false),
  ('0903f336-258d-4f15-a045-673088b3a8f4', now() - interval '7 minutes', 'free', 'Tom Okafor', 'tom.okafor@example.com', '+1 555 0102', null, '2009', 'Toyota', 'Corolla', '201980', null, 'Akron', 'Will not start, clicks only', true),
  ('6212c970-50a6-4282-bd9c-4399bd7c723e', now() - interval '12 minutes', 'chat10', 'Lena Fischer', 'lena@example.com', null, null, '2018', 'VW', 'Golf', '88000', null, 'Dayton', 'Coolant light after every long drive', null),
  ('cc4b06d9-e504-47d1-a84c-ff48728b2967', now() - interval '25 minutes', 'video15', 'Sam Rivera', 'sam.rivera@example.com', '+1 555 0104', null, '2020', 'Ford', 'Escape', '41300', 'HJD 1190', 'Columbus', 'Shudders when pulling away', false),
  ('2ab40597-ed5c-4adc-8add-8819a72764ee', '2025-10-09 13:02:40+00', 'chat10', 'Grace Kim', 'grace.kim@example.com', null, null, '2016', 'Mazda', '3', '97400', null, 'Cleveland', 'How urgent is a worn serpentine belt?', false),
  ('2eabd9ee-2288-4120-8db2-7821db959039', '2025-10-16 19:44:05+00', 'free', 'Ivan Horvat', 'ivan.horvat@example.com', '+1 555 0106', null, '2011', 'Subaru', 'Outback', '176000', null, 'Canton', 'Oil smell in the cabin', false),
  ('8ea682f2-db8b-44ff-b51e-0861f0e41f9a', '2025-10-13 10:31:58+00', 'diagnostic', 'Aisha Bello', 'aisha.bello@example.com', null, null, '2013', 'Nissan', 'Leaf', '73500', null, 'Toledo', 'Range halved within a month', false),
  ('835838f9-c206-4b1f-8be4-7ee96fc4591c', now() - interval '9 minutes', 'free', 'Walk-in visitor', null, null, null, '2007', 'Chevrolet', 'Cobalt', null, null, 'Parma', 'Key stuck in the ignition', null);

-- Sessions -------------------------------------------------------------------

insert into public.sessions
  (id, created_at, updated_at, plan, type, status, stripe_session_id, intake_id, customer_user_id, mechanic_id, metadata)
values
  -- pending: customers who wait for a mechanic
  ('62e91166-c36b-4bd5-bc51-5b168f1bd176', '2025-10-27 00:38:41+00', '2025-10-27 00:38:41+00', 'free', 'chat', 'pending',
   'free_62e91166', 'aa031ec2-a916-4b09-8242-da0f43bc4a76', 'f4d90392-118c-4738-ab16-94689f039f2a', null,
   '{"intake_id": "aa031ec2-a916-4b09-8242-da0f43bc4a76", "source": "intake", "plan": "free", "urgent": false}'),
  ('47dd50a9-9898-4f40-b198-908c234b8f93', now() - interval '6 minutes', now() - interval '6 minutes', 'free', 'chat', 'pending',
   'free_47dd50a9', '0903f336-258d-4f15-a045-673088b3a8f4', 'a0f0abcd-28be-4def-8789-0ee5df83ee70', null,
   '{"intake_id": "0903f336-258d-4f15-a045-673088b3a8f4", "source": "intake", "plan": "free", "urgent": true}'),
  -- pending, for a visitor without an account: such sessions have no request
  ('0046ad0f-4acc-4a50-ba22-d563a8cffbe9', now() - interval '8 minutes', now() - interval '8 minutes', 'free', 'chat', 'pending',
   'free_0046ad0f', '835838f9-c206-4b1f-8be4-7ee96fc4591c', null, null,
   '{"intake_id": "835838f9-c206-4b1f-8be4-7ee96fc4591c", "source": "intake", "plan": "free"}'),
  -- waiting: accepted, but not started
  ('2823885f-eab9-40b7-9393-28618962a807', now() - interval '11 minutes', now() - interval '4 minutes', 'chat10', 'chat', 'waiting',
   'cs_test_a1Wq7Lx2', '6212c970-50a6-4282-bd9c-4399bd7c723e', 'f6ac1315-2e24-44e0-83bf-a5271fa8a073', '7d34c004-2074-4d0c-af62-7b7cae469ae0',
   '{"intake_id": "6212c970-50a6-4282-bd9c-4399bd7c723e", "source": "checkout", "plan": "chat10"}'),
  -- live
  ('70969231-7295-4242-8744-7974f176be6c', now() - interval '24 minutes', now() - interval '15 minutes', 'video15', 'video', 'live',
   'cs_test_a1Zk3Bn8', 'cc4b06d9-e504-47d1-a84c-ff48728b2967', '1ee3b71a-02b8-4af9-9100-5680b39ea151', '73ccbc89-28d0-4be4-993c-52a5c6be5b94',
   '{"intake_id": "cc4b06d9-e504-47d1-a84c-ff48728b2967", "source": "checkout", "plan": "video15", "urgent": false}'),
  -- completed
  ('d24ea421-2a4a-4262-b8be-bcfcbd5e844f', '2025-10-05 17:21:03+00', '2025-10-05 17:52:20+00', 'video15', 'video', 'completed',
   'cs_test_a1Hd5Pq1', 'a567b396-3585-47dd-a083-1ff1086b0fbb', 'a0f0abcd-28be-4def-8789-0ee5df83ee70', '7d34c004-2074-4d0c-af62-7b7cae469ae0',
   '{"intake_id": "a567b396-3585-47dd-a083-1ff1086b0fbb", "source": "checkout", "plan": "video15"}'),
  ('5ce7d014-8318-422d-ae5f-ef47b3940dfe', '2025-10-09 13:03:30+00', '2025-10-09 13:31:00+00', 'chat10', 'chat', 'completed',
   'cs_test_a1Tf9Vc4', '2ab40597-ed5c-4adc-8add-8819a72764ee', '62793975-3fcd-478c-84f7-3e1ed9348da8', '73ccbc89-28d0-4be4-993c-52a5c6be5b94',
   '{"intake_id": "2ab40597-ed5c-4adc-8add-8819a72764ee", "source": "checkout", "plan": "chat10"}'),
  ('b99fbe8c-1921-46e1-bee7-db5cda11f1fc', '2025-10-13 10:33:00+00', '2025-10-13 11:40:12+00', 'diagnostic', 'diagnostic', 'completed',
   'cs_test_a1Mj2Sx6', '8ea682f2-db8b-44ff-b51e-0861f0e41f9a', '29aa9a1d-8fcf-4b6a-9f89-bd1d4942b0d6', '5dab05d5-0df9-40d6-ba0b-3a7b097fa02b',
   '{"intake_id": "8ea682f2-db8b-44ff-b51e-0861f0e41f9a", "source": "checkout", "plan": "diagnostic"}'),
  -- cancelled before a mechanic joined
  ('f1606883-2916-415f-896e-45e5bf570bad', '2025-10-16 19:44:20+00', '2025-10-16 20:10:41+00', 'free', 'chat', 'cancelled',
   'free_f1606883', '2eabd9ee-2288-4120-8db2-7821db959039', '1d716c91-e62f-4117-96ce-ede6f2758dc1', null,
   '{"intake_id": "2eabd9ee-2288-4120-8db2-7821db959039", "source": "intake", "plan": "free"}');

-- Every customer with an account is a participant of the session, and so is
-- every mechanic with an account.

insert into public.session_participants (created_at, session_id, user_id, role)
select s.created_at, s.id, s.customer_user_id, 'customer'
from public.sessions s
where s.customer_user_id is not null;

insert into public.session_participants (created_at, session_id, user_id, role)
select s.updated_at, s.id, m.user_id, 'mechanic'
from public.sessions s
join public.mechanics m on m.id = s.mechanic_id
where m.user_id is not null;

-- Requests -------------------------------------------------------------------

insert into public.session_requests
  (id, created_at, updated_at, customer_id, mechanic_id, session_type, plan_code, status,
   customer_name, customer_email, accepted_at, notification_sent_at, metadata)
select
  r.id::uuid,
  s.created_at,
  s.updated_at,
  s.customer_user_id,
  s.mechanic_id,
  s.type,
  s.plan,
  r.status::public.session_request_status,
  r.customer_name,
  r.customer_email,
  case when r.status = 'accepted' then s.created_at + interval '3 minutes' end,
  s.created_at + interval '1 second',
  jsonb_strip_nulls(jsonb_build_object('session_id', s.id, 'intake_id', s.intake_id, 'urgent', s.metadata -> 'urgent'))
from (values
  ('856425cb-0e35-4a8c-918d-c277326bb9b0', '47dd50a9-9898-4f40-b198-908c234b8f93', 'pending',   'Tom Okafor',   'tom.okafor@example.com'),
  ('2b044313-6952-4bcf-9d47-f06d7ca52848', '2823885f-eab9-40b7-9393-28618962a807', 'accepted',  'Lena Fischer', 'lena@example.com'),
  ('fad733b4-697f-4765-862c-0a0ee051686b', '70969231-7295-4242-8744-7974f176be6c', 'accepted',  'Sam Rivera',   'sam.rivera@example.com'),
  ('2dd2d694-1f08-4d66-b46f-3b65383c2acb', 'd24ea421-2a4a-4262-b8be-bcfcbd5e844f', 'accepted',  'Tom Okafor',   'tom.okafor@example.com'),
  ('acc68c0d-a5aa-4cd1-b661-3235c773af02', '5ce7d014-8318-422d-ae5f-ef47b3940dfe', 'accepted',  'Grace Kim',    'grace.kim@example.com'),
  ('33870c9e-2340-4f59-827e-9867a3b45a43', 'b99fbe8c-1921-46e1-bee7-db5cda11f1fc', 'accepted',  'Customer',     null),
  ('a603c437-ee37-4067-b562-c1ca95d79b96', 'f1606883-2916-415f-896e-45e5bf570bad', 'cancelled', 'Ivan Horvat',  'ivan.horvat@example.com')
) as r (id, session_id, status, customer_name, customer_email)
join public.sessions s on s.id = r.session_id::uuid;

-- Maria's request, created late and by hand: her session had none.
insert into public.session_requests
  (id, customer_id, session_type, plan_code, status, customer_name, customer_email, metadata)
values
  ('b96f458d-9f7b-4a27-941c-f7be2cb9b8d7', 'f4d90392-118c-4738-ab16-94689f039f2a', 'chat', 'free', 'pending',
   'Maria Petrov', 'maria.petrov@example.com',
   jsonb_build_object(
     'session_id', '62e91166-c36b-4bd5-bc51-5b168f1bd176',
     'intake_id', 'aa031ec2-a916-4b09-8242-da0f43bc4a76',
     'urgent', false,
     'created_manually', true,
     'backfill', jsonb_build_object('id', 'by hand', 'at', now())
   ));
