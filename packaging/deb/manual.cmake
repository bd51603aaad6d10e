# What the program knows of itself is asked of it, and stands in no file of the source tree.

# The day of the changelog's newest entry, for the manual's heading: a build of another day gives the same pages.
file(STRINGS debian/changelog trailers REGEX "^ -- ")
list(GET trailers 0 newest)
string(REGEX MATCH "([0-9]+) ([A-Z][a-z][a-z]) ([0-9]+)" date "${newest}")
set(day ${CMAKE_MATCH_1})
set(year ${CMAKE_MATCH_3})
set(months Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)
list(FIND months ${CMAKE_MATCH_2} month)
math(EXPR month "${month} + 101")
string(SUBSTRING ${month} 1 2 month)
set(MANUAL_DATE "${year}-${month}-${day}")

# weir_generate(FILE KIND): what `weir --generate KIND` prints.
function(weir_generate file kind)
  add_custom_command(OUTPUT ${file} COMMAND weir --generate ${kind} > ${file} DEPENDS weir VERBATIM)
endfunction()

# weir_manual(PAGE [KIND]): the template of that name, with what weir prints where it says @WEIR_GENERATED@.
function(weir_manual page)
  set(generated)
  if(ARGC GREATER 1)
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/${page}.generated)
    weir_generate(${page}.generated ${ARGV1})
  endif()
  add_custom_command(OUTPUT ${page}
    COMMAND ${CMAKE_COMMAND} -DTEMPLATE=${CMAKE_CURRENT_SOURCE_DIR}/${page} -DGENERATED=${generated}
            -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/${page} -DPROJECT_VERSION=${PROJECT_VERSION} -DMANUAL_DATE=${MANUAL_DATE}
            -P ${CMAKE_CURRENT_SOURCE_DIR}/join_manual.cmake
    COMMAND ${CMAKE_COMMAND} -E touch ${page}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${page} ${generated} join_manual.cmake debian/changelog VERBATIM)
endfunction()
