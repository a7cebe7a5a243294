"""What a person may see, and when that ends."""
