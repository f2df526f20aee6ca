"""Where catalogs are kept. A store reads documents at a revision, applies change sets against an expected one, and logs them."""
