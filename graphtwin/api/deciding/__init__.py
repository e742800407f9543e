"""What is decided: the roots of Mutation, who may ask what, and what is kept of it."""
