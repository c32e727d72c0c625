"""The compiler: from the operations that a module runs on a block of samples to JavaScript and C."""
