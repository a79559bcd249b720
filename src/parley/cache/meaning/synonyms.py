"""Words that say the same in a question, by group: the first word of a line stands for all of them.

A group is here only where its words can replace one another in nearly any question; a word that has a second meaning
is here where the other words of its group would make no sense in that meaning. What is not here counts as different.
"""

GROUPS = """
person someone somebody anyone anybody
transfer move
pan skillet
abroad overseas
acknowledgement acknowledgment
acquire obtain get
ad advertisement advert
adult grownup
advantage benefit pro upside merit positive
advice tip suggestion recommendation pointer hint
aeroplane airplane plane aircraft
aesthetic esthetic
affect influence impact
ageing aging
aid assist assistance
allow permit let
aluminium aluminum
amount quantity
anaemia anemia
analyse analyze
anger rage
annual yearly annually
answer reply respond response
appear emerge
application app
appointment appt
ask inquire enquire
assignment homework
attempt try
attic loft
attorney lawyer solicitor
attractive appealing
aubergine eggplant
author writer
automatic automated
baby infant newborn
basement cellar
bathroom restroom toilet washroom
beautiful pretty
begin start commence
behaviour behavior
beverage drink
big large huge
bike bicycle
bill invoice
biscuit cookie
blossom bloom
booking reservation
boss manager supervisor
bother annoy
brave courageous
build construct
burger hamburger
buy purchase
calculate compute
cancel terminate
cancelled canceled
car automobile
carpet rug
cashpoint atm
catalogue catalog
categorise categorize classify
center centre
change modify alter
cheap inexpensive affordable
cheque check
chickpea garbanzo
child kid
choose select pick
city town
clever smart intelligent
clothes clothing garments apparel
colleague coworker co-worker
collect gather
color colour
company firm business corporation
compare contrast
completely entirely totally fully
computer pc
concert gig
configuration config
connect link
contact reach
contain include
coriander cilantro
correct fix mend repair
cost price
couch sofa
country nation
courgette zucchini
create make produce generate
currently presently
customer client
customize customise personalise personalize
cutlery silverware
cv resume
damage harm
danger risk hazard
dangerous hazardous unsafe risky
database db
dawn sunrise
dead deceased
decrease reduce lessen diminish lower
defeat beat
defence defense
delete erase remove
delicious tasty
delivery shipping shipment ship deliver
depart leave
destroy ruin
determine ascertain
device gadget
dialogue dialog
diarrhoea diarrhea
difference distinction
difficult hard tough
dinner supper
disable deactivate
disadvantage drawback con downside
disease illness sickness
doctor physician
documentation docs
doughnut donut
drug medication medicine
dusk sunset
earthquake quake
eat consume
ecommerce e-commerce
elevator lift
email e-mail
employee worker
enable activate
encyclopedia encyclopaedia
enormous gigantic
enrol enroll
environment env
error mistake bug
example instance
exercise workout
expensive costly pricey
famous well-known renowned
fast quick rapid speedy
father dad
faucet tap
favorite favourite
fear dread
fee charge
fibre fiber
film movie
find locate
finish end complete conclude
flat apartment
flatmate roommate
flavour flavor
flaw defect
flu influenza
folder directory
forbidden prohibited banned
forest woods
freedom liberty
fridge refrigerator
friend buddy
frighten scare
fulfil fulfill
function purpose
funny humorous amusing
garbage trash rubbish waste
gas petrol gasoline
gift present
glasses spectacles
global worldwide
goal objective aim
goods merchandise
government govt
grandma grandmother
grandpa grandfather
grey gray
grill barbecue bbq
hairdresser barber
happen occur
happy glad
harbour harbor
hate detest
headphones earphones
healthy wholesome
high tall
highway motorway freeway
hire rent
hobby pastime
holiday vacation
honour honor
house home
humour humor
hurt ache
icing frosting
identical same
illegal unlawful
image picture photo photograph
immediately instantly
important crucial essential vital
improve enhance boost
income earnings
increase raise
inform notify
information info
inhabitant resident
internet web
investigate research
jail prison
javascript js
jewellery jewelry
job occupation profession
journey trip
judgement judgment
jumper sweater pullover
jungle rainforest
kind type
kubernetes k8s
laboratory lab
labour labor
landlord lessor
landmark attraction
laptop notebook
layoff redundancy
leak drip
legal lawful
license licence
litre liter
little small
located situated
login signin
logout signout
lorry truck
love adore
luggage baggage
maize corn
manufacturer maker producer
marry wed
maths math mathematics
maximise maximize
maximum max
maybe perhaps
meaning definition
memorise memorize
message msg
method technique approach procedure process
metre meter
midday noon
minimise minimize
minimum min
mix blend combine
mobile cell
modelling modeling
modern contemporary
mom mum mother
motorbike motorcycle
mould mold
moustache mustache
nappy diaper
near close nearby
neighbor neighbour
neighborhood neighbourhood
nodejs node.js
nosey nosy
note memo
notice spot
odor odour smell
offence offense
optimise optimize
organisation organization
organise organize
package parcel
paediatrician pediatrician
pants trousers
paragraph passage
password passcode
pavement sidewalk
personnel staff
phone telephone smartphone cellphone
pill tablet
plough plow
possible feasible
postcode zip
postgresql postgres
postpone delay
practise practice
pram stroller
prawn shrimp
pregnant expecting
prevent avoid
prize award
product item
program programme
properly correctly
protect guard
pyjamas pajamas
quotation quote
railway railroad
rarely seldom
realise realize
reason cause
recognise recognize identify
recommend suggest
refund reimbursement
register signup
reliable dependable trustworthy
remember recall
repository repo
requirement prerequisite
rest relax
restart reboot
result outcome
revenue turnover
rich wealthy
road street
rock stone
rotate spin
roughly approximately
rumour rumor
safe secure
salary wage
scared afraid
sceptical skeptical
schedule timetable
scholarship grant
setting preference
shop store
shout yell scream
show display
sick ill unwell
simple easy
sleep slumber
slim thin slender
soccer football
solve resolve
sore painful
speak talk
specialist expert
speed velocity
startup start-up
stock share
stomach belly
stop halt quit
story tale
stove cooker
strange weird odd
strong powerful
student pupil
subscription membership
sufficient adequate
summarise summarize
summary synopsis
support service
sure certain
surgery operation
surprised astonished
sweets candy
symptom sign
teach train
teenager teen adolescent
tenant renter lessee
test exam examination quiz
theatre theater
tire tyre
tired exhausted
tombstone gravestone
torch flashlight
tornado twister
total sum
trainer sneaker
traveller traveler
tumour tumor
tv television telly
understand comprehend
unhappy sad
universe cosmos
usual normal ordinary
vaccine vaccination
vapour vapor
various diverse
veterinarian vet
vocabulary vocab
wake awaken
warn alert
warranty guarantee
wash clean
watch view
website site webpage
wifi wi-fi
worry concern
wrench spanner
write compose
wrong incorrect
wrongly incorrectly
yard garden
yoghurt yogurt
young youthful
"""

CONCEPTS = {word: words[0] for line in GROUPS.strip().split("\n") if (words := line.split()) for word in words}
"""Each word's stand-in."""
