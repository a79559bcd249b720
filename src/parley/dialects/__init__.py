"""The languages: one package or file per public protocol, both directions, no I/O; none knows another or a provider."""
