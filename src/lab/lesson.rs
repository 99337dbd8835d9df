//! The words that explain a step: what the lab writes, what is run instead, and why.
