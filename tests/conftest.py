"""What holds for every test."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background, as a service's runner may do, every child would inherit a deaf ear for Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
