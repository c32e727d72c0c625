"""The second-order sections of the Audio EQ Cookbook."""
