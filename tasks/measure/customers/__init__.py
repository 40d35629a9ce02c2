"""Who is a customer, who leaves, who buys, what is at stake."""
