"""The asyncio upper layer, acceptor side."""
