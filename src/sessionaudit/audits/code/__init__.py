"""The code audit: does the application's code name what the database has, and does it notice when a call fails?"""
