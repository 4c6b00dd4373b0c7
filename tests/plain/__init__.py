"""The books a second time: slow, plain Python, written from the specification alone, to check the fast ones against."""
