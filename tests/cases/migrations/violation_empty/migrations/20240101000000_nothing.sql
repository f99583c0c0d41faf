-- To be written.
/* later */
