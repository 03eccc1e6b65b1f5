"""The admin of broadcasts, and of people: what they were called before is a redirect of ours."""

from broadcasts.admin import broadcasts, guests, redirects, taxonomy, video

__all__ = ["broadcasts", "guests", "redirects", "taxonomy", "video"]
