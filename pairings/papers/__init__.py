"""Papers of a pair: the handbook (结对帮扶手册), the contact card (对接卡), the whole file (一户一档)."""
