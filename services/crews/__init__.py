"""Crews: organisations, people, crews, work orders on site and the access tokens of the whole suite."""
