"""`python -m bench.bare_engine MODEL SOCKET SLOTS CONTEXT CORES`: xllamacpp's own server, with nothing of Parley."""

import signal
import sys

import xllamacpp


def main() -> None:
    """Serve until SIGTERM."""
    model, socket, slots, context, cores = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_parallel, params.n_ctx = slots, slots * context
    params.cpuparams.n_threads, params.cpuparams_batch.n_threads = max(1, cores - 1), cores  # as Parley's engine has it
    params.verbosity = -1
    params.hostnames = [socket]
    params.ui = False
    server = xllamacpp.Server(params)
    print("ready", flush=True)
    signal.sigwait([signal.SIGTERM])
    del server


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
main()
