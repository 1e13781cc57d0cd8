//! What is shown while it happens: the board, who is told what, the follower, the directory.

mod board;
mod directory;
mod facts;
mod feed;
mod room;
