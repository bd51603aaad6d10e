# weir_bake_model(<library> MODEL <file>): a library that defines weir::default_model() over the model file's arrays.
function(weir_bake_model library)
  cmake_parse_arguments(ARG "" "MODEL" "" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/generated/${library}.cc)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${source}
    COMMAND bake table ${ARG_MODEL} ${source}
    DEPENDS bake ${ARG_MODEL} VERBATIM)
  add_library(${library} STATIC ${source})
  target_link_libraries(${library} PUBLIC weir_model PRIVATE weir_warnings)
endfunction()
