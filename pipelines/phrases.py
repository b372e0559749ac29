"""Lines that pages of many sites print around and within their articles, as whole lines, in several languages."""

import re

_LEADS = (
    "read|see|watch|related|don['’]t miss|recommended|in case you missed it|more on this"
    "|lire|à lire|voir|sur le même sujet|leer|lea|ver|te puede interesar"
    "|អាន|អានបន្ត|អានបន្ថែម|អានផងដែរ|សូមអាន|اقرأ|اقرأ أيضا|اقرأ أيضًا|читайте|相关阅读|延伸阅读"
)
_ON = "more|also|next|further|on|stories|story|articles?|news|reading|coverage|aussi|también|également|также"
READ_MORE = re.compile(rf"(?i)\W*(?:(?:also|more) )?(?:{_LEADS})(?: (?:{_ON}))*\W*")
"""What stands before the headline of another story, in the middle of an article."""

_LISTS = (
    "more|related|recommended|latest|most|other|top|popular|trending|in other news|elsewhere|around the web"
    "|on the theme|seen by others|read further|further reading|background (?:documents|reading)"
    "|earlier (?:on|in|stories|articles)|from the archives?|also (?:today|this week|in the news)"
    "|what (?:we|i)(?:['’](?:re|m)| are| am) reading|you (?:may|might) (?:also )?(?:like|be interested)"
    "|read (?:more|next|also)|also (?:read|on)|see also|editor['’]?s['’]? picks?|don['’]t miss|up next|in this section"
    "|keep reading|articles? (?:liés|similaires)|à lire aussi|lire aussi|sur le même sujet|voir aussi"
    "|noticias relacionadas|te puede interesar|más (?:leídas?|noticias)"
    "|អត្ថបទ(?:ពាក់ព័ន្ធ|ទាក់ទង)|ព័ត៌មានផ្សេងទៀត|مواضيع ذات صلة|اقرأ أيضا"
)
LABEL = re.compile(rf"(?i)\W*(?:{_LISTS})[\w '’:]{{0,40}}\W*")
"""What stands over a list of other stories."""

_LINES = (
    # sharing and tools
    r"(?:please )?(?:share|tweet|print|e-?mail|send|bookmark|copy link|whatsapp|facebook|telegram|partager|compartir)"
    r"(?: this)?(?: (?:article|story|page|post|link|news|report|release|video|programme|feature))?"
    r"(?: (?:on|via|sur|en|with) .{1,60})?"
    r"|listen to (?:this )?(?:article|story).{0,40}|\d{1,3} ?-?min(?:ute)?s?(?: read)?|(?:text|font) size.{0,20}"
    r"|skip to (?:main )?content|back to top|loading(?:\.{3}|…)?|click (?:here )?to (?:enlarge|expand|share).{0,40}"
    r"|(?:offrir|gift|save|bookmark) (?:l['’]article|this article|this story|for later)|lire plus tard|read later"
    r"|\d{1,2}[:.h]\d{2}(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,5})?"
    # advertisements
    r"|\W*(?:advertisements?|advert|ads?|sponsored(?: content)?|publicité|publicidad|promoted|ផ្សាយពាណិជ្ជកម្ម"
    r"|إعلان|реклама|广告)\W*"
    r"|(?:story|article|content) continues (?:below|after).{0,40}|(?:continue|scroll) (?:reading|down).{0,40}"
    # newsletters, apps, gifts
    r"|subscribe(?:\W*|(?:,| now| today| here| free| for| and| on| via| by| with| below| or\b"
    r"| to (?:our|us|the|this|my|get|receive|read|updates|[\w'’ ]{0,30}(?:newsletter|channel|podcast|letter)))\b"
    r".{0,220})"
    r"|(?:sign up|follow us|join (?:us|our)|download (?:our|the)|get (?:our|the) (?:latest|news|daily)|donate"
    r"|stay (?:up to date|informed|connected|tuned)|support (?:our|us|independent)|become a (?:member|subscriber)"
    r"|like us on|never miss|don['’]t miss (?:out|a)|want (?:more|to read)|abonnez-vous|inscrivez-vous|suivez-nous"
    r"|suscríbe\w*|síguenos)\b.{0,220}"
    r"|[^\"“«]{0,60}\brecevez\b[^\"“«]{0,160}\b(?:bo[iî]te|mail|lettre|newsletter|actualités?)\b.{0,80}"
    r"|សូម.{0,80}(?:telegram|facebook|youtube|tiktok|subscribe|share|like|តេឡេក្រាម|ហ្វេសប៊ុក|យូធូប|ឆានែល).{0,120}"
    r"|រក្សាសិទ្ធិ.{0,80}|\{\{.{1,80}\}\}"
    r"|(?:publié|mis à jour|modifié|published|posted|updated|last (?:updated|modified))(?: le| on| at)?\s*:\s*"
    r"(?=.{0,30}\d{4}).{6,90}"
    r"|[^\"“«]{0,200}\b(?:in your inbox|become a (?:member|subscriber|supporter)|our newsletter"
    r"|support our (?:work|journalism|reporting)|make a donation|(?:is|are) free to read"
    r"|subscribe (?:to (?:our|us|the|this|my)|now|today|here))\b[^\"“«]{0,160}"
    r"|(?:do you have|have you got|got|have) (?:a|any) (?:news )?(?:tips?|information|story)\b.{0,160}"
    r"|thank(?:s| you) for reading\b.{0,160}|this (?:page|site) is best viewed .{0,60}"
    r"|(?:printer|print)[ -](?:friendly )?version.{0,80}"
    r"|(?:follow|join) [\w'’ ]{2,40} on (?:our )?(?:telegram|facebook|twitter|instagram|youtube|tiktok|whatsapp"
    r"|linkedin|signal|google news)\b.{0,120}"
    r"|your (?:gift|donation|contribution|subscription|membership)\b[^\"“«]{0,200}"
    r"|(?:if you (?:like|enjoy)|(?:if you )?(?:liked|enjoyed)|like(?= what you)) (?:what you|this|our)\b"
    r"[^\"“«]{0,40}[?,][^\"“«]{0,160}"
    r"|(?:for|to) (?:more|further|any) (?:information|details|enquiries|inquiries)\b.{0,60}(?:contact\b|@|\+\d).{0,200}"
    r"|(?:for )?(?:media|press) (?:contacts?|inquiries|enquiries|requests)\b.{0,40}:.{0,160}"
    r"|contact (?:us|the|our) ?(?:newsroom|editors?|reporters?|desk)?\s*(?:at|via|by|on|:)\s.{3,120}"
    r"|[\d,.]+k? (?:answers|votes|shares|views|reads|likes|people voted|followers|claps)(?: so far)?"
    r"|(?:table|charts?|graphics?|map|infographic)\s*: .{3,100}"
    # rights
    r"|(?:©|\(c\)|copyright\b).{0,200}|.{0,160}\ball rights reserved\.?.{0,40}|tous droits réservés\.?.{0,60}"
    # tags, comments, credits
    r"|(?:tags?|topics?|filed under|posted in|keywords?|categor(?:y|ies)|mots[- ]clés|etiquetas)\s*:.{0,200}"
    r"|(?:\d+ )?(?:comments?|repl(?:y|ies)|responses?)(?: \(\d+\))?|(?:leave|post|add|write) a (?:comment|reply).{0,60}"
    r"|(?:log ?in|sign in|register|please).{0,20} to (?:post )?(?:a )?(?:comments?|reply).{0,40}"
    r"|(?:(?:file |image |picture )?photos?|images?|pictures?|(?:photo |image )?credits?|crédits?(?: photo)?|foto"
    r"|រូបថត|រូបភាព)\s*(?:by|from|:|/|courtesy of)\s*.{1,100}"
    r"|.{0,240}\((?:file )?(?:photo|image|picture)s?(?: by|:| credit:).{1,60}\)"
    r"|.{0,300}\s[—–-]\s?(?:.{0,40}\()?@\w{2,30}\)?.{0,40}"
    # other stories
    r"|(?:(?:read|see) (?:more|also|next)|also read|more on this|related(?: (?:story|stories|articles?|news|coverage))?"
    r"|(?:à )?lire aussi|lea también|voir aussi|អានបន្ថែម|អានផងដែរ)\s*[:：–—|]\s*.{5,220}"
)
LEAVINGS = re.compile(_LINES, re.IGNORECASE)
"""A whole line that is a page's and no article's, whatever the markup around it."""

FOOT = re.compile(
    r"(?i)\W*(?:(?:\d+ )?(?:reader )?comments?(?: ?\(\d+\))?|(?:leave|post|add|write) a (?:comment|reply)"
    r"|join the (?:conversation|discussion)|discussion about this post|about the authors?"
    r"|related (?:posts?|articles?|news|stories)|you may also like|share this(?: (?:article|story|post|page|on))?"
    r"|post navigation|\d+ (?:responses|replies|thoughts on .{1,200})"
    r"|(?:©|copyright\b(?! law| act| case)).{0,200}|.{0,160}\ball rights reserved\.?.{0,40}"
    r"|commentaires?(?: \(\d+\))?|(?:laisser|ajouter) un commentaire|comentarios?|មតិយោបល់|التعليقات)\W*"
)
"""A short line behind which an article does not go on."""

ABOUT = re.compile(r"About (?:the )?(?:[A-Z][\w’'&.-]*(?: |\W*$)|(?:of|for|and|the|in) ){1,8}")
"""What stands over who an organisation is, below its statements."""

CLOSING = re.compile(
    r"(?is)(?!.*[\"“”«»])(?:"
    r"(?=.*\b(?:you|your)\b)(?=.*\b(?:us|our|me|my|we)\b)(?=.*\b(?:subscri\w+|follow (?:us|me)|donat\w+|clap"
    r"|share (?:this|it)|sign up|coffee|newsletter|telegram|reading|inbox|podcast|our channel)\b).{1,260}"
    r"|(?:did|do|have|would) you\b.{1,80}\?\s.{3,140}|(?:have|got) (?:a|an|any)\b.{1,80}\?\s.{3,140}"
    r"|comments (?:are|on this|have been)\b.{1,160}|(?:was|were) (?:this|you)\b.{1,60}\b(?:forwarded|sent)\b.{1,160}"
    r"|this (?:article|story|feature|piece|post|essay|interview|column)\b.{0,60}\b(?:appears|appeared|published"
    r"|republished|produced|printed|translated|supported|funded)\b.{0,200}"
    r"|(?:the )?(?:views|opinions)(?: and (?:views|opinions))? (?:expressed|in this|are)\b.{0,260}"
    r"|.{0,120}\b(?:republish\w*|creative commons|reprints?)\b.{0,200}"
    r"|(?:additional|with) (?:additional )?(?:reporting|files|contributions?) (?:by|from)\b.{1,160}"
    r"|(?:reporting|writing|editing|edited|translated|translation) by\b.{1,160}"
    r"|(?=.*\S@\S).{0,120}|(?=.*\+\d[\d ()-]{6,}).{0,120})"
)
"""The last lines of a page's text that are to its readers, or about its making."""
