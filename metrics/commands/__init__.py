"""The doors of the command line, one module a group: each declares its commands and answers them.

A command returns what is printed and its exit code; a refusal is a DataError.
"""
