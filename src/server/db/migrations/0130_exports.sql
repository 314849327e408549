-- Files that are made in the background, piece by piece, and kept for a week.

create table export (
  id uuid primary key,
  what text not null,
  format text not null,
  query jsonb not null,
  -- Fixed when it was asked for, so that the file is of one moment however long it takes.
  bound jsonb not null,
  state text not null default 'waiting'
    constraint export_state_check check (state in ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
  done bigint not null default 0,
  total bigint,
  bytes bigint not null default 0,
  pieces int not null default 0,
  -- Where the next piece goes on; committed with the piece before it.
  place jsonb,
  -- Where each permission was held by which the rows were chosen: whoever holds less later may not take the file.
  seen jsonb,
  fault text,
  created_by uuid not null references person,
  created_at timestamptz not null,
  ip text not null,
  -- The server that makes it: one that was thought gone, and comes back, writes no more.
  run uuid,
  -- Moves with each piece: one that stands still has lost its server.
  progressed_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz
);
create index export_mine on export (created_by, id desc);
create index export_open on export (created_at) where state in ('waiting', 'running');
create index export_expiring on export (expires_at) where state in ('done', 'failed', 'cancelled');
select exempt('export', 'how far a file is; asking for it, stopping it, taking it away and its end are events');

create table export_piece (
  export_id uuid not null references export on delete cascade,
  nth int not null,
  -- Of a pack: which of its files this is.
  path text,
  sha256 text,
  bytes bytea not null,
  primary key (export_id, nth)
);
-- What is written once and read once is not worth compressing.
alter table export_piece alter column bytes set storage external;
select exempt('export_piece', 'the content of a file that was asked for by an event');
