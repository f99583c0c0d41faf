"""The migrations audit: is what is recorded as applied really there?"""
