"""Pages kept in Valkey as they were sent, so that most visits cost neither a query nor a template.

`policy` says which views are kept, `middleware` serves and keeps, `store` speaks to Valkey,
`versions` notices that something they show was written, `removal` takes away what must not be seen
for another second.
"""
