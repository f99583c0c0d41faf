"""What of a database the code uses: the objects that its calls need."""
