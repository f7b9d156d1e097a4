# Outlives pi. Standard input is a pipe that only pi holds open: "+ ID" puts a session under guard,
# "- ID" takes it out. End of file means that pi is gone, however it went: then every guarded session
# is killed, first its main process group, then (where /proc tells) every process that is still in it.
trap '' HUP INT QUIT TERM
guarded=' '
while read -r verb id; do
  case $verb in
    +) guarded="$guarded$id " ;;
    -) case $guarded in *" $id "*) guarded="${guarded%% $id *} ${guarded#* $id }" ;; esac ;;
  esac
done
for id in $guarded; do
  kill -9 "-$id" 2>/dev/null
done
[ "$guarded" = ' ' ] && exit
for stat in /proc/[0-9]*/stat; do
  line=
  { read -r line <"$stat"; } 2>/dev/null
  set -- ${line##*) }
  [ $# -gt 3 ] || continue
  case $guarded in
    *" $4 "*)
      pid=${stat#/proc/}
      kill -9 "${pid%/stat}" 2>/dev/null
      ;;
  esac
done
