"""Sending（投递）: what the outbox holds leaves after the act is committed, at least once and always under one number.

Each worker claims rows under their lock, with a lease, and writes the attempts before it opens a socket. When it dies
between sending and saying so, the lease passes and the message goes once more under the same Message-ID or key; the
attempt of the dead worker stays "not known".
"""
