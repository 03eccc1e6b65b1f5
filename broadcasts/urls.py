from django.urls import path

from broadcasts.views import episodes, machines, people, previews

app_name = "broadcasts"

urlpatterns = [
    path("", episodes.home, name="home"),
    path("emissions", episodes.episodes, name="episodes"),
    path("emissions/<slug:slug>", episodes.episode, name="episode"),
    path("apercu/<str:token>", previews.preview, name="preview"),
    path("series", people.all_series, name="all-series"),
    path("series/<slug:slug>", people.series, name="series"),
    path("invites", people.guests, name="guests"),
    path("invites/<slug:slug>", people.guest, name="guest"),
    path("flux/emissions.xml", machines.feed, name="feed"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
]
