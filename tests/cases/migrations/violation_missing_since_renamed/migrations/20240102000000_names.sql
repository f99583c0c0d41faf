alter table shop.orders rename to purchases;
alter table shop.purchases rename column memo to note;
alter table shop.purchases rename constraint total_check to total_positive;
alter type shop.state rename to status;
