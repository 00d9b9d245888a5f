-- What-ifs of one user that are nearly alike, for two days: who asks the model the same question with one thing changed, hundreds of times
-- a day, is learning the model. Hashes only, of what is nearly alike (band) and of the very question (probe); processes share them here.
CREATE TABLE what_if_probes (
  portfolio  text NOT NULL,
  username   text NOT NULL,
  day        date NOT NULL,
  band       text NOT NULL,
  probe      text NOT NULL,
  PRIMARY KEY (portfolio, username, day, band, probe)
);
CREATE INDEX what_if_probes_by_day ON what_if_probes (portfolio, day);

-- One alert a user a day, whichever process saw it first.
CREATE TABLE what_if_alerts (
  portfolio  text NOT NULL,
  username   text NOT NULL,
  day        date NOT NULL,
  PRIMARY KEY (portfolio, username, day)
);
