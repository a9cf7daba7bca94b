"""The page of a player, which plays both passes of a graph; read `player.py` first.

`static/` holds the page's script and style sheet.
"""
