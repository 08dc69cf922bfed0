"""What residents say: the results of surveys as pages and exports show them."""
