/* What all public pages load: collecting static files joins these into one file
   (auposte/storage.py). Each stands alone; one that imports others gets a tag of its own. */
import "../django_htmx/htmx-2.min.js";
import "./till.js";
import "./watch.js";
import "./share.js";
import "./list.js";
import "./live.js";
