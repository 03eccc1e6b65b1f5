from django.urls import path

from broadcasts.views import episodes, machines, people, previews, search, shelves

app_name = "broadcasts"

urlpatterns = [
    path("", episodes.home, name="home"),
    path("emissions", episodes.episodes, name="episodes"),
    path("emissions/<slug:slug>", episodes.episode, name="episode"),
    path("apercu/<str:token>", previews.preview, name="preview"),
    path("series", shelves.all_series, name="all-series"),
    path("series/<slug:slug>", shelves.series, name="series"),
    path("saisons", shelves.seasons, name="seasons"),
    path("saisons/<int:number>", shelves.season, name="season"),
    path("tags", shelves.tags, name="tags"),
    path("tags/<slug:slug>", shelves.tag, name="tag"),
    path("invites", people.guests, name="guests"),
    path("invites/<slug:slug>", people.guest, name="guest"),
    path("recherche", search.search, name="search"),
    path("recherche/suggestions", search.suggestions, name="suggestions"),
    path("flux/emissions.xml", machines.feed, name="feed"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
]
