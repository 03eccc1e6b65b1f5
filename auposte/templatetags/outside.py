"""For what is read away from the site."""

from django import template

from auposte import outside

register = template.Library()

register.filter("xml_text", outside.xml_text)
register.filter("absolute", outside.absolute)
