"""The GraphQL API: reads a request, asks the store or calls graphtwin.app, answers. It decides nothing."""
