"""Scrapy middlewares, one concern a file."""
