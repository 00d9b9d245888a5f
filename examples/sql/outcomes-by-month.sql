-- What today's credit policy says to the applications of each month.
SELECT month, applications, approved_share, counter_offer_share, referred_share, declined_share
FROM marts.months
ORDER BY month;
