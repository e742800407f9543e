"""What to do about findings, whether it may be done, and whether it worked: pure judgement on plans (S26 to S32)."""
