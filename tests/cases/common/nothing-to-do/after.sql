create table t (id INTEGER not null primary key, n DECIMAL(10,2) default 0,
  s VARCHAR(9) default 'x');
