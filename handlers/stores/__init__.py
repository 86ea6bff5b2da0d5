"""Where Slipway keeps things: the ledger in Azure Tables, work on Azure queues, packages in Azure Blobs."""
