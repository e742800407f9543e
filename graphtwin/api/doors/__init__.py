"""Where requests come in: HTTP and WebSocket, who may, how often."""
