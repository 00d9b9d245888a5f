/** The six statements of 2005, latest first, and their columns in the file (PAY_1 is called PAY_0 there). */
export const MONTHS = [
  { name: 'september', title: 'September', delay: 'PAY_0', bill: 'BILL_AMT1', paid: 'PAY_AMT1' },
  { name: 'august', title: 'August', delay: 'PAY_2', bill: 'BILL_AMT2', paid: 'PAY_AMT2' },
  { name: 'july', title: 'July', delay: 'PAY_3', bill: 'BILL_AMT3', paid: 'PAY_AMT3' },
  { name: 'june', title: 'June', delay: 'PAY_4', bill: 'BILL_AMT4', paid: 'PAY_AMT4' },
  { name: 'may', title: 'May', delay: 'PAY_5', bill: 'BILL_AMT5', paid: 'PAY_AMT5' },
  { name: 'april', title: 'April', delay: 'PAY_6', bill: 'BILL_AMT6', paid: 'PAY_AMT6' },
] as const;
