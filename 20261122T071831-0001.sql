INSERT INTO CachedGroupMembers("disabled","groupid","id","immediateparentid","memberid","via") VALUES('0','47','67','47','47','67');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:06','45',NULL,NULL,'48',NULL,NULL,'47','RT::Group',NULL,NULL,NULL,'0','Create');
INSERT INTO Groups("created","creator","description","domain","id","instance","lastupdated","lastupdatedby","name") VALUES('2026-11-22 07:17:06','45',NULL,'RT::Ticket-Role','47','2','2026-11-22 07:17:06','45','AdminCc');
INSERT INTO Principals("disabled","id","principaltype") VALUES('0','47','Group');
INSERT INTO CachedGroupMembers("disabled","groupid","id","immediateparentid","memberid","via") VALUES('0','48','68','48','48','68');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:06','45',NULL,NULL,'49',NULL,NULL,'48','RT::Group',NULL,NULL,NULL,'0','Create');
INSERT INTO Groups("created","creator","description","domain","id","instance","lastupdated","lastupdatedby","name") VALUES('2026-11-22 07:17:06','45',NULL,'RT::Ticket-Role','48','2','2026-11-22 07:17:06','45','Cc');
INSERT INTO Principals("disabled","id","principaltype") VALUES('0','48','Group');
INSERT INTO CachedGroupMembers("disabled","groupid","id","immediateparentid","memberid","via") VALUES('0','49','70','49','6','70');
INSERT INTO GroupMembers("created","creator","groupid","id","lastupdated","lastupdatedby","memberid") VALUES('2026-11-22 07:17:06','45','49','28','2026-11-22 07:17:06','45','6');
INSERT INTO CachedGroupMembers("disabled","groupid","id","immediateparentid","memberid","via") VALUES('0','49','69','49','49','69');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:06','45',NULL,NULL,'50',NULL,NULL,'49','RT::Group',NULL,NULL,NULL,'0','Create');
INSERT INTO Groups("created","creator","description","domain","id","instance","lastupdated","lastupdatedby","name") VALUES('2026-11-22 07:17:06','45',NULL,'RT::Ticket-Role','49','2','2026-11-22 07:17:06','45','Owner');
INSERT INTO Principals("disabled","id","principaltype") VALUES('0','49','Group');
INSERT INTO CachedGroupMembers("disabled","groupid","id","immediateparentid","memberid","via") VALUES('0','50','72','50','45','72');
INSERT INTO GroupMembers("created","creator","groupid","id","lastupdated","lastupdatedby","memberid") VALUES('2026-11-22 07:17:06','45','50','29','2026-11-22 07:17:06','45','45');
INSERT INTO CachedGroupMembers("disabled","groupid","id","immediateparentid","memberid","via") VALUES('0','50','71','50','50','71');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:06','45',NULL,NULL,'51',NULL,NULL,'50','RT::Group',NULL,NULL,NULL,'0','Create');
INSERT INTO Groups("created","creator","description","domain","id","instance","lastupdated","lastupdatedby","name") VALUES('2026-11-22 07:17:06','45',NULL,'RT::Ticket-Role','50','2','2026-11-22 07:17:06','45','Requestor');
INSERT INTO Principals("disabled","id","principaltype") VALUES('0','50','Group');
INSERT INTO ObjectCustomFieldValues("content","contentencoding","contenttype","created","creator","customfield","disabled","id","largecontent","lastupdated","lastupdatedby","objectid","objecttype","sortorder") VALUES('home','',NULL,'2026-11-22 07:17:21','27','2','0','2',NULL,'2026-11-22 07:17:21','27','2','RT::Ticket','0');
INSERT INTO Attachments("content","contentencoding","contenttype","created","creator","filename","headers","id","messageid","parent","subject","transactionid") VALUES('It does not turn.
','none','text/plain','2026-11-22 07:17:06','45',NULL,'Content-Transfer-Encoding: 7bit
Subject: Grinder broken
X-RT-Incoming-Encryption: Not encrypted
content-type: text/plain; charset="utf-8"
To: Support@desk.example
MIME-Version: 1.0
From: "Bob Buyer" <bob@buyer.example>
X-RT-Original-Encoding: utf-8
X-RT-Interface: Email
Content-Length: 18
','5','','0','Grinder broken','52');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:06','45',NULL,NULL,'52',NULL,NULL,'2','RT::Ticket',NULL,NULL,NULL,'0','Create');
INSERT INTO Attachments("content","contentencoding","contenttype","created","creator","filename","headers","id","messageid","parent","subject","transactionid") VALUES('Greetings,

This message has been automatically generated in response to the creation of a
trouble ticket regarding Grinder broken, a summary of which appears below.

There is no need to reply to this message right now. Your ticket has been
assigned an ID of [desk.example #2].

Please include the string [desk.example #2] in the subject line of all future
correspondence about this issue. To do so, you may reply to this message.

Thank you,

------------------------------------------------------------------------------

It does not turn.

','none','text/plain','2026-11-22 07:17:06','1',NULL,'Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 7bit
X-RT-Original-Encoding: utf-8
Content-Length: 543
','7','','6','','53');
INSERT INTO Attachments("content","contentencoding","contenttype","created","creator","filename","headers","id","messageid","parent","subject","transactionid") VALUES('<p>Greetings,</p>

<p>This message has been automatically generated in response to the
creation of a trouble ticket regarding <b>Grinder broken</b>,
a summary of which appears below.</p>

<p>There is no need to reply to this message right now.  Your ticket has been
assigned an ID of <b>[desk.example #2]</b>.</p>

<p>Please include the string <b>[desk.example #2]</b>
in the subject line of all future correspondence about this issue. To do so,
you may reply to this message.</p>

<p>Thank you,<br/>
</p>

<hr/>
<pre style="white-space: pre-wrap; font-family: monospace;">It does not turn.
</pre>
','none','text/html','2026-11-22 07:17:06','1',NULL,'Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: 7bit
X-RT-Original-Encoding: utf-8
Content-Length: 598
','8','','6','','53');
INSERT INTO Attachments("content","contentencoding","contenttype","created","creator","filename","headers","id","messageid","parent","subject","transactionid") VALUES(NULL,NULL,'multipart/alternative','2026-11-22 07:17:06','1',NULL,'Precedence: bulk
Content-Type: multipart/alternative; boundary="----------=_1795331826-16181-5"
References: <RT-Ticket-2@desk.example>
Date: Sun, 22 Nov 2026 07:17:06 +0000
Content-Transfer-Encoding: 8bit
To: bob@buyer.example
X-RT-Loop-Prevention: desk.example
Subject: [desk.example #2] AutoReply: Grinder broken
Auto-Submitted: auto-replied
Reply-To:
X-RT-Ticket: desk.example #2
X-RT-Originator: bob@buyer.example
Message-ID: <rt-5.0.3+dfsg-3~deb12u6-16181-1795331826-1785.2-7-0@desk.example>
MIME-Version: 1.0
From: "Support via RT" <>
X-Managed-BY: RT 5.0.3+dfsg-3~deb12u6 (http://www.bestpractical.com/rt/)
In-Reply-To:
Content-Length: 0
','6','rt-5.0.3+dfsg-3~deb12u6-16181-1795331826-1785.2-7-0@desk.example','0','[desk.example #2] AutoReply: Grinder broken','53');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:06','1','<rt-5.0.3+dfsg-3~deb12u6-16181-1795331826-1785.2-7-0@desk.example>',NULL,'53',NULL,NULL,'2','RT::Ticket',NULL,NULL,NULL,'0','EmailRecord');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:21','27',NULL,'Status','84',NULL,'stalled','2','RT::Ticket',NULL,'new',NULL,'0','Status');
INSERT INTO Transactions("created","creator","data","field","id","newreference","newvalue","objectid","objecttype","oldreference","oldvalue","referencetype","timetaken","type") VALUES('2026-11-22 07:17:21','27',NULL,'2','85','2',NULL,'2','RT::Ticket',NULL,NULL,'RT::ObjectCustomFieldValue','0','CustomField');
INSERT INTO Tickets("created","creator","due","effectiveid","finalpriority","id","initialpriority","ismerged","lastupdated","lastupdatedby","owner","priority","queue","resolved","sla","started","starts","status","subject","timeestimated","timeleft","timeworked","told","type") VALUES('2026-11-22 07:17:06','45','1970-01-01 00:00:00','2','0','2','0',NULL,'2026-11-22 07:17:21','27','6','0','3','1970-01-01 00:00:00',NULL,'2026-11-22 07:17:21','1970-01-01 00:00:00','stalled','Grinder broken','0','0','0',NULL,'ticket');
