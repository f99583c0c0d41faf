"""The data audit: do the rows keep the promises between tables?"""
