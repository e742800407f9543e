"""What is listened to: the roots of Subscription, and who reads for all of them."""
