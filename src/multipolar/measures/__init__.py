"""Pure numbers: plain values in, plain values out; no record, no words."""
